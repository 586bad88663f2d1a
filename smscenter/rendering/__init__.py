"""How pages are rendered: forms, rows of long lists, and style sheets."""
