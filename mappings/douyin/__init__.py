"""What the words of Douyin Shop (抖店) mean."""
