"""Who is asked, and what may they see?"""
