"""Officers: the desk from which council officers check projects and handle concerns."""
