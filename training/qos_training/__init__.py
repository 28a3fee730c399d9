"""Trains models for kubectl-qos: history in, an ONNX file with its contract out."""
