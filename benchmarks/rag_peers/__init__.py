"""The knowledge base beside LlamaIndex, LangChain and txtai: same passages, same model, one run."""
