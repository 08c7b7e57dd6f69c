"""Attribution methods, and measures of how faithful their maps are."""
