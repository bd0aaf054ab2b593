"""What both faces share on the web: access marks, rendering, headers, error pages, forms and filters."""
