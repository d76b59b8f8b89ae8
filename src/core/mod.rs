//! The sans-IO half: decisions as pure functions, with time, randomness and bytes as arguments.
