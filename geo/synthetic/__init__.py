"""Landscapes and panels with a known planted effect."""
