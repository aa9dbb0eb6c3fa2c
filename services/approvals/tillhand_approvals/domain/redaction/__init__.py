"""Takes out what is personal: detectors, the policy of fields, pseudonyms, measures. Pure."""
