"""JSON schemas of the streams, one file each: names as in the API, a description and a unit for each property."""
