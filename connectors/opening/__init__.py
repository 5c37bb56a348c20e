"""What an agency packed (zip, gz, xlsx) is opened in a child process with little memory, little time and no secrets."""
