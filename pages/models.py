import streamlit as st

st.title("Solvarium")
