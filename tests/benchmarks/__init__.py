"""The benchmarks, without a look at any speed."""
