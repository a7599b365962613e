"""How dates are written where Django writes them: in the lists and rows of the admin, as on its other pages."""
