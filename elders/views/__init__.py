"""The registry on phones: registering elders, and screening a village."""
