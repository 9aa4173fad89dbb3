"""Small grants: rounds, applications, assessments, decisions and awards."""
