"""Names, places and sentences the large demo is made from; nobody here exists."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WOMEN = _words(
    """
    Aditi Aisha Ananya Anjali Asmita Bhavna Chitra Deepa Divya Esha Farida Fatima Gauri Geeta Harini Ila
    Indira Ishita Jaya Jyoti Kalpana Kamala Kavita Kiran Komal Lakshmi Lata Leela Madhuri Malini Manisha
    Maya Mridula Nandini Neha Nisha Padma Pallavi Parvati Pooja Prerna Priya Radha Rashmi Rekha Ritu
    Roshni Rukmini Sadhana Sakshi Sangeeta Sarita Savita Shabana Shalini Shreya Smita Sneha Sudha
    Sumitra Swati Tara Trisha Uma Urmila Usha Vandana Vasudha Vidya Yamini Zainab
    """
)
MEN = _words(
    """
    Abhishek Ajay Akash Alok Amit Anil Anirudh Ashok Balaji Bharat Chetan Daniel Deepak Dev Dinesh
    Farhan Ganesh Girish Gopal Gurpreet Hari Harish Imran Irfan Jagdish Jatin Joseph Kabir Karan Kartik
    Kishore Krishna Lokesh Mahesh Manoj Mohan Mukesh Nadeem Naresh Naveen Nikhil Nitin Om Pankaj Paresh
    Prakash Prashant Pratik Rahul Rajesh Rakesh Ramesh Ravi Rohan Rohit Sachin Salim Sameer Sandeep
    Sanjay Santosh Satish Shankar Siddharth Subhash Sunil Suresh Tarun Uday Vijay Vinod Vivek Yash Yusuf
    """
)
SURNAMES = _words(
    """
    Acharya Agarwal Ahmed Ansari Apte Banerjee Bhat Bhatt Bose Chandra Chatterjee Chauhan Chopra Das
    Dasgupta Deshmukh Deshpande Dixit D'Souza Dutta Fernandes Gandhi Ghosh Gill Goswami Gowda Gupta
    Hegde Iyer Iyengar Jadhav Jain Jha Joshi Kamat Kapoor Kaur Khan Khanna Krishnan Kulkarni Kumar
    Malhotra Mathew Mehta Menon Mishra Mukherjee Nair Naidu Nambiar Pandey Patel Patil Pillai Prasad
    Qureshi Rajan Raman Rane Rathore Reddy Roy Saxena Sen Shah Shaikh Sharma Shetty Shinde Shukla Singh
    Sinha Solanki Srinivasan Subramanian Thakur Thomas Tiwari Trivedi Varma Venkatesh Verma Vyas Yadav
    """
)

CITIES = {
    "Pune": ("4110", ("Deccan", "Kothrud", "Aundh", "Hadapsar"), ("Marathi",)),
    "Mumbai": ("4000", ("Dadar", "Andheri East", "Borivali", "Chembur"), ("Marathi", "Gujarati")),
    "Delhi": ("1100", ("Karol Bagh", "Lajpat Nagar", "Rohini", "Dwarka"), ("Punjabi", "Urdu")),
    "Bengaluru": ("5600", ("Jayanagar", "Indiranagar", "Malleshwaram", "Whitefield"), ("Kannada", "Tamil")),
    "Chennai": ("6000", ("Adyar", "T. Nagar", "Mylapore", "Velachery"), ("Tamil", "Telugu")),
    "Hyderabad": ("5000", ("Ameerpet", "Kukatpally", "Secunderabad", "Gachibowli"), ("Telugu", "Urdu")),
    "Kolkata": ("7000", ("Salt Lake", "Ballygunge", "Behala", "Dum Dum"), ("Bengali",)),
    "Ahmedabad": ("3800", ("Navrangpura", "Maninagar", "Satellite", "Bopal"), ("Gujarati",)),
    "Jaipur": ("3020", ("Malviya Nagar", "Vaishali Nagar", "Mansarovar", "Raja Park"), ("Punjabi",)),
    "Kochi": ("6820", ("Edappally", "Kakkanad", "Fort Kochi", "Palarivattom"), ("Malayalam", "Tamil")),
}
"""City → first four digits of its PIN codes, areas, languages spoken there beside English and Hindi."""

CLINIC_WORDS = _words(
    """
    Aarogya Ashwini Chaitanya Dhanvantari Jeevan Kalyan Lotus Navjeevan Niramaya Prabhat Sahyadri
    Sanjeevani Seva Shubham Sparsh Sukh Suraksha Swasthya Vatsalya Vishwas
    """
)
CLINIC_KINDS = ("Clinic", "Polyclinic", "Hospital", "Health Centre")
ROADS = ("Station Road", "Temple Road", "Market Road", "Lake Road", "College Road", "Garden Road")

TRAINING = ("MBBS", "MBBS, MD", "MBBS, MS", "MBBS, DNB", "MBBS, MD, DM")
DESIGNATIONS = ("Consultant", "Senior consultant", "Specialist", "Head of department", "Visiting consultant")
ABOUT = (
    "I take time to listen first. Please bring earlier reports and the medicines you take.",
    "I see grown-ups and children. For emergencies please go to the nearest hospital.",
    "I explain every test before I ask for it, and what it costs.",
    "More than ten years of practice in this city. Follow-up questions are welcome.",
)
LONG_VISITS = ("Detailed consultation", "Health check-up", "Procedure")
REASONS = ("", "", "Fever for two days", "Follow-up with reports", "Pain since last week", "Second opinion")
PRAISE = (
    "Listened patiently and explained everything.",
    "On time, clean clinic, clear advice.",
    "The medicine helped within two days.",
    "बहुत अच्छे डॉक्टर, सब कुछ समझाया।",
    "",
)
MIXED = ("Good doctor, but I waited for an hour.", "Helpful, the room was crowded.", "")
BLAME = ("Too short, I had more questions.", "The wait was very long.", "")
