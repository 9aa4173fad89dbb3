"""Files: pictures and documents that people upload, cleaned before they are kept."""
