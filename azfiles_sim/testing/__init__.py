"""What people test their own code with: strategies, a machine to subclass, and claims to hold any endpoint to."""
