"""Google's upstreams: tokens, Analytics, and Search Console."""
