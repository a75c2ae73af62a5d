"""What a loop test looks at: each rule a function from the mail that arrived to a finding."""
