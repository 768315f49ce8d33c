"""What every check is made of: outcomes, rules, the state that they judge, and the benchmarks that ask for them."""
