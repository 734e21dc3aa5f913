"""Cards of requests in the shapes that were reported from real tenants, with invented values, as the product shows
them. Look at them after changing a wording. They are drawn on demand, and a few of them are committed."""
