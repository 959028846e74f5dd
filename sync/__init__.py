"""The sync service: runs `meltano run` again and again, watches over it, and tells how it went."""
