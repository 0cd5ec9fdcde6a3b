"""IAM policy documents: what they say and fit, how AWS words a refusal, and how a narrow one is made."""
