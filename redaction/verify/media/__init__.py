"""What the video and the audio verifier share: container structure, decoded sound and pictures."""
