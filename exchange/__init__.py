"""Files of rows for staff: exports of every list of the admin, and imports that show what they change first."""
