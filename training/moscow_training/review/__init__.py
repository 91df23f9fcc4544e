"""What a methodologist looks at after a run: pictures, the table of errors, figures by slice, the model card."""
