"""What the words of Taobao and Tmall (TOP) mean."""
