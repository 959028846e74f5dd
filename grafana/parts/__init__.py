"""What the boards are made of: queries, colours and units, panels, tables, maps, and the board around them."""
