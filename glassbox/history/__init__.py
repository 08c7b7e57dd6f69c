"""How large models grew: milestones, chips, and what training costs."""
