"""The page *On this browser*: what the browser keeps, as a file, brought back or forgotten."""
