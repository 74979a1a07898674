"""What the words of Magento 2 and Adobe Commerce mean."""
