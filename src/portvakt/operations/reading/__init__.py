"""What is read: items, lists, exports, histories."""
