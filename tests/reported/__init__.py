"""Cards as the product shows them of requests in the shapes that were reported from real tenants, with invented values:
what to look at after changing how something is told. Drawn on demand, a few of them committed."""
