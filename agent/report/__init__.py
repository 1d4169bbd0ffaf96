"""What an audit leaves: findings, suite and report, with their words, charts and pictures."""
