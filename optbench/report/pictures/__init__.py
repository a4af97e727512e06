"""What figures are drawn with, and what becomes of them: files, and elements of the page."""
