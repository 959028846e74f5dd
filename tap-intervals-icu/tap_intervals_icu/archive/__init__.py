"""What the API answered, kept on this machine, so that no activity's samples are asked for twice."""
