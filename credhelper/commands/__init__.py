"""One use case each: takes values, returns a result, prints nothing."""
