"""Pictures of the boards, drawn from the results of their queries; run with `make pictures`."""
