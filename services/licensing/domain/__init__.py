"""The rules of products, terms, licences and orders; free of I/O."""
