"""Guests: people who play without a sign-in, known by their device, until they link an account."""
