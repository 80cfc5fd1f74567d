"""One engine a file: each defines ``run(folder, as_of) -> pandas.DataFrame`` over the benchmark's Parquet files."""
