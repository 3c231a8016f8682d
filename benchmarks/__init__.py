"""What Keoson costs, measured side by side with what it could cost at least. Figures are printed, nothing is asserted."""
