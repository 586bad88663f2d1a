"""Pages that all apps add to: navigation, home, settings, the first steps, and the overview."""
