"""Everything that the portal and the staff inbox stand on; it knows neither of them."""
