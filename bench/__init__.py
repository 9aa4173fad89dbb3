"""Side-by-side measurements: ratios against a bare answer of the same server and bare SQL of the same database."""
