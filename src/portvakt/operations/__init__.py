"""What can be done with resources, without HTTP. Imports point from here to storage and schema."""
