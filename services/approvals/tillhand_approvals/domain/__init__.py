"""What proposals, decisions, policies and the audit log are: pure, without a framework."""
