"""What the video and the audio engine share: opening a source, the timeline, the sound."""
