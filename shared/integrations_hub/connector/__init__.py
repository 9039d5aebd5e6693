"""The SDK: all that a connector may import. Importing it opens nothing and imports no HTTP client."""
