"""The documents that tell what the API is: OpenAPI, and the reference's pages."""
